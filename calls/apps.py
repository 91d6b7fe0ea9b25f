from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from integrations.inbound import handlers
from integrations.inbound.base import Topic


class CallsConfig(AppConfig):
    name = "calls"
    verbose_name = _("Calls")

    def ready(self) -> None:
        import_module("calls.privacy")
        import_module("calls.uploads.privacy")
        for topic, path in (
            (Topic.CALL_RECORD, "calls.vendor_records.on_record"),
            (Topic.CALL_RECORDING, "calls.vendor_records.on_recording"),
            (Topic.CALL_FAILED, "calls.vendor_records.on_failure"),
            (Topic.CALL_FAILED, "calls.phone.on_failure"),
            (Topic.CALL_STATUS, "calls.phone.on_status"),
            (Topic.CALL_LIVE, "calls.vendor_records.on_live"),
        ):
            handlers.register(handlers.ANY, topic, path)
        handlers.register_confidant("calls.vendor_records.private_conversations")
        handlers.register_answer("vapi", "tool-calls", "calls.knowledge_tool.answer")
