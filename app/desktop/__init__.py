"""The desktop around the window: to be told something, and to be kept from sleeping.

Each need has one small module. Where a desktop offers no way, nothing happens.
"""
