"""The files in which people keep images with their texts, read and written. Pure: no Django, no rows.

Reading gives `Entry`s, whatever the format (`readers.read_entries`); writing takes `Picture`s. What one function
writes another one here reads back.
"""
