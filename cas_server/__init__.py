"""The Crime Alarm System: a press reaches the nearest on-duty Personil and the command centre."""
