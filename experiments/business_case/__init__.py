"""The options appraisal for a joint committee: do nothing, do minimum, options; what each does, costs and risks."""
