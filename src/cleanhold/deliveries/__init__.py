"""Where deliveries arrive: one kind of place per file, each an `Arrivals`.

folder   a folder of files
local    files of this machine, opened so that a name can do no harm
"""
