"""The permissions to propose, decide, publish and put back; which groups hold them: migration 0005 of regimens."""

PROPOSE, REVIEW = "regimens.propose_change", "regimens.review_change"
PUBLISH, REINSTATE = "regimens.publish_release", "regimens.reinstate_release"
