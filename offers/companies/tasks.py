from offers.companies import mails as team_mails


def send_team_mail(event: str, *pks: int) -> None:
    """Send a mail about who works for a company."""
    team_mails.send(event, *pks)
