/** Which way a call is spoken: live over a socket, ours or the voice service's own, by its own software, or turn by turn. */
import { CallSession, type SessionHooks, type Voice } from "./session";
import type { Turn } from "./transcript";
import { TurnSession } from "./turns";
import { WebCallSession } from "./webcall";

export interface StartAnswer {
  provider: string;
  /** "direct": the signed URL is the voice service's own, and our events tell of the turns only afterwards. */
  transport?: string;
  signed_url?: string;
  /** Joined by the voice service's own software; there is no signed URL then. */
  web_call_url?: string;
  events_url: string;
  agent_config?: { dynamic_variables?: Record<string, string> };
}

export interface Way {
  turnByTurn: boolean;
  speakUrl: string;
  textOnly: boolean;
  underway: boolean;
  inputDeviceId: string;
  nextAddress: (() => Promise<string>) | null;
}

export interface VoiceHooks extends SessionHooks {
  onTurn: (turn: Turn) => void;
  onThinking: () => void;
  onRemark: (text: string) => void;
}

export function voiceBy(way: Way, answer: StartAnswer, hooks: VoiceHooks): Voice {
  const { inputDeviceId, nextAddress, textOnly, underway } = way;
  if (way.turnByTurn) return new TurnSession(way.speakUrl, { inputDeviceId, underway }, hooks);
  if (answer.web_call_url) return new WebCallSession({ url: answer.web_call_url, inputDeviceId }, hooks);
  const variables = answer.agent_config?.dynamic_variables ?? {};
  const signedUrl = answer.signed_url ?? "";
  return new CallSession({ signedUrl, inputDeviceId, nextAddress, textOnly, variables }, hooks);
}
