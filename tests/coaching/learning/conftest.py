from tests.scenarios.conftest import ada_client, bo_client, cy_client, gil_client
from tests.training import open_gate

__all__ = ["ada_client", "bo_client", "cy_client", "gil_client", "open_gate"]
