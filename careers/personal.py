"""Role profiles contain no personal data: their texts are published by the site."""

from jobboard.privacy.registry import exempt_model

for _name in (
    *("Role", "RoleEntry", "FaqEntry", "Mission", "SkillEntry", "SoftSkill", "TrainingEntry", "Evolution", "Sector"),
    *("RemotePattern", "DayStep"),
):
    exempt_model(f"careers.{_name}", "names and texts of job descriptions, published")
