"""Pure: what is shown of a name or a number to those who need to know no more."""

HIDDEN = "•••"


def mask_name(name: str) -> str:
    """The first letter of each word: "Siti Aminah" is "S••• A•••"; how long it is stays unsaid."""
    return " ".join(word[0] + HIDDEN if word[0].isalpha() else HIDDEN for word in name.split())


def mask_phone(phone: str) -> str:
    """The last three digits: enough to tell two apart who are speaking to the same operator."""
    digits = [sign for sign in phone if sign.isdigit()]
    # Of a short number three digits would be most of it.
    shown = "".join(digits[-3:]) if len(digits) > 6 else HIDDEN
    start = "+62 " if phone.startswith("+62") else ""
    return f"{start}{HIDDEN} {HIDDEN} {shown}"
