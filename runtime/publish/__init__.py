"""Publishing: the one way definitions become tables. check -> plan -> migrate -> new version -> event."""
from runtime.publish.seeds import install_seed, of_folder, problems_of_folder, with_extended
from runtime.publish.service import Plan, plan, problems_of, publish, rollback

__all__ = ["Plan", "install_seed", "of_folder", "plan", "problems_of", "problems_of_folder",
           "publish", "rollback", "with_extended"]
