"""What `manage.py check --database default` tells the operator of the stored codes, their keys and their costs."""


