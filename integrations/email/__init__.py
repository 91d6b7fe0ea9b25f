"""What a mail service tells of mails that it could not deliver, or that somebody did not want."""
