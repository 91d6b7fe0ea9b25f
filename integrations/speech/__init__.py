"""Speech without a vendor: recognition, synthesis, voice detection."""

import os

# Read by the recogniser's OpenMP when it is loaded. Threads that spin while they wait take the core away from the buyer's
# voice and from other calls.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
