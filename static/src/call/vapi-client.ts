/** Vapi's own software, in a bundle of its own: only a call that is joined by it loads it. */
export { default } from "@vapi-ai/web";
