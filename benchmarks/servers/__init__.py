"""The contenders of `benchmarks.bridge`: each echoes a call's audio frames, each in a process of its own.

All speak the same frames (JSON, base64, 20 ms of 16 kHz PCM), so the same load drives them.
"""
