"""An organisation's identity service (Clerk, or anything that signs like Svix) telling us of its people."""
