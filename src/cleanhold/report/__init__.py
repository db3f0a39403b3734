"""Pages that people read: one file each, without anything remote, views over verbs."""
