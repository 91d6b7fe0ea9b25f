"""What vendors tell us: verified, written down once, then handled by the apps that registered for it."""
