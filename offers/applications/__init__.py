"""From the form of a candidate to the inbox of a recruiter."""
