"""The forms of boards: laid out by crispy-forms in the look of the patient form; what they mean is for the actions."""
