"""Where deliveries arrive: one kind of place per file, each an `Arrivals`.

places          what a source says → its place
folder          a folder of files, or a list of files
remote          any URL that fsspec knows; the only module that does
standard_input  what is piped into the command
sql_query       the rows of a query; `databases/` has one kind of database per file
dlt_resource    the rows of a dlt resource; the only module that knows dlt
local           files of this machine, opened so that a name can do no harm
finished        whether a delivery is whole, or still being written
parquet_file    Arrow batches as one file
json_rows       Python rows as lines of JSON
"""
