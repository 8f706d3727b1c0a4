from offers.admin import offer, skill

__all__ = ["offer", "skill"]
