"""Pure: Indonesian phone numbers, always written the same way."""

import phonenumbers

from cas_server.errors import InvalidInput

REGION = "ID"
COUNTRY_CODE = 62


def normal_phone(typed: str) -> str:
    """The number as +62...; InvalidInput when it is no Indonesian number.

    Only Indonesian ones: a code sent abroad is where fraud with paid text messages begins.
    """
    try:
        number = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException:
        raise InvalidInput("phone", "this is not a phone number") from None
    if number.country_code != COUNTRY_CODE or not phonenumbers.is_valid_number(number):
        raise InvalidInput("phone", "this is not an Indonesian phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
