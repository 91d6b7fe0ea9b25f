/** The call's room. */
import "../call/room.css";
import { pageData } from "../api";
import { Room, type RoomData } from "../call/room";

const root = document.querySelector<HTMLElement>("[data-room]");
if (root) new Room(root, pageData<RoomData>("room-data")).start();
