"""Publishing: the one way definitions become tables. check -> plan -> migrate -> new version -> event."""
from runtime.publish.seeds import install_seed, of_folder
from runtime.publish.service import Plan, plan, publish, rollback

__all__ = ["Plan", "install_seed", "of_folder", "plan", "publish", "rollback"]
