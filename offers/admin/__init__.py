from offers.admin import offer, role, skill

__all__ = ["offer", "role", "skill"]
