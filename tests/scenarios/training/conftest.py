from tests.scenarios.conftest import ada_client, bo_client, cy_client, gil_client

__all__ = ["ada_client", "bo_client", "cy_client", "gil_client"]
