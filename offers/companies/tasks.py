from offers.companies import mails as team_mails


def send_team_mail(event: str, *pks: int) -> None:
    """Send the mail `event` about the members of a company."""
    team_mails.send(event, *pks)
