"""The workbench: the product in a browser on this machine. HTTP on loopback, forms in, the pages of `report` out.

run         the socket, the server, the line that says where
guard       token, Host, Origin, headers, bounds
app         which address does what
page        templates: what a state looks like
workspace   the folder, its plans, what was added
open_plan   one plan that is open: its states, undo, save
added_files plans, certificates and zone files that were added
fields      the target's fields, out of the plan's own shape
edits       fields that changed -> the plan's text
"""
