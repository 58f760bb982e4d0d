"""Cost-benefit analysis: from an effect to pounds. Start at `appraisal.cost_benefit`."""
