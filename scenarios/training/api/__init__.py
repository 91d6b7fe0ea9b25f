"""REST of tracks, programs and assignments."""
