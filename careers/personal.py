"""What this room knows of people: nothing. Its texts are the site’s own."""

from jobboard.privacy.registry import exempt

for _name in (
    *("Role", "RoleEntry", "FaqEntry", "Mission", "SkillEntry", "SoftSkill", "TrainingEntry", "Evolution", "Sector"),
    *("RemotePattern", "DayStep"),
):
    exempt(f"careers.{_name}", "names and texts of job descriptions, published")
