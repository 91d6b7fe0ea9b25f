"""Frames checked against the vendor's own contract: `@elevenlabs/types`, which is TypeScript, so the compiler is asked."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from config.runtime.frontend import node_path

FROM_VENDOR = {
    "conversation_initiation_metadata": "ConversationMetadata",
    "audio": "Audio",
    "user_transcript": "UserTranscript",
    "tentative_user_transcript": "TentativeUserTranscript",
    "agent_response": "AgentResponse",
    "agent_response_correction": "AgentResponseCorrection",
    "agent_chat_response_part": "AgentChatResponsePart",
    "agent_reasoning_response_part": "AgentReasoningResponsePart",
    "interruption": "Interruption",
    "ping": "Ping",
    "vad_score": "VadScore",
    "client_tool_call": "ClientToolCallMessage",
    "agent_tool_request": "AgentToolRequestMessage",
    "agent_tool_response": "AgentToolResponseMessage",
    "context_usage": "ContextUsage",
    "asr_initiation_metadata": "AsrInitiationMetadata",
    "guardrail_triggered": "GuardrailTriggered",
    "internal_turn_probability": "InternalTurnProbability",
    "internal_tentative_agent_response": "InternalTentativeAgentResponse",
    "error": "ErrorMessage",
}
FROM_CLIENT = {
    "": "UserAudio",
    "pong": "Pong",
    "user_message": "UserMessage",
    "user_activity": "UserActivity",
    "contextual_update": "ContextualUpdate",
    "client_tool_result": "ClientToolResult",
    "conversation_initiation_client_data": "ConversationInitiation",
}


def check(frames: Iterable[dict[str, Any]], *, interfaces: dict[str, str], folder: Path) -> str:
    """What the compiler has against these frames: "" when each is exactly what its type says, nothing more."""
    distinct: dict[str, dict[str, Any]] = {}
    for frame in frames:
        shape = json.dumps(_shortened(frame), sort_keys=True)
        distinct.setdefault(shape, json.loads(shape))
    lines = ['import type * as wire from "@elevenlabs/types";']
    for number, frame in enumerate(distinct.values()):
        name = interfaces.get(frame.get("type", ""), "never")
        lines.append(f"export const frame{number}: wire.{name} = {json.dumps(frame)};")
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(Path(settings.BASE_DIR) / "node_modules")
    (folder / "frames.ts").write_text("\n".join(lines))
    compiler = Path(settings.BASE_DIR) / "node_modules" / "typescript" / "bin" / "tsc"
    flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext"]
    done = subprocess.run(
        ["node", str(compiler), *flags, "frames.ts"],
        cwd=folder,
        env={**os.environ, "PATH": node_path() or os.defpath},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def _shortened(value: Any) -> Any:
    """Long audio says nothing about shape."""
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    return value[:40] if isinstance(value, str) else value
