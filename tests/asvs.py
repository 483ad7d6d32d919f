"""OWASP ASVS 5.0, level 2 and here and there 3: which test or setting satisfies which item.

`python -m tests.asvs` writes tests/asvs.md from this table. Numbers are the standard's, words are
ours. What is not satisfied stands here too, with the reason; it is part of the truth.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "tests" / "asvs.md"

CODES = "tests/identity/test_codes.py"
BUDGET = "tests/identity/test_code_budget.py"
SAME = "tests/identity/test_same_answer.py"
SERVERS = "tests/identity/test_two_servers.py"
DEVICES = "tests/identity/test_devices.py"
SIGN_IN = "tests/identity/test_sign_in.py"
SMS = "tests/identity/test_sms.py"
AUTHORITY = "tests/http/test_authority.py"
LIVE_AUTHORITY = "tests/http/test_authority_live.py"
PERMISSIONS = "tests/http/test_permissions.py"
WALL = "tests/http/test_wall.py"
SIGNED = "tests/http/test_signed_press.py"
UNVERIFIED = "tests/http/test_unverified_press.py"
ENDED = "tests/live/test_ended_sign_ins.py"
PICTURES = "tests/http/test_pictures.py"
CLOSING = "tests/live/test_closing.py"
RACES = "tests/db/test_races.py"


@dataclass(frozen=True)
class Item:
    """One item of the standard. `proofs` are tests ("file::test"), settings ("CAS_X") or
    documents ("FILE.md"); `lacking` says what is not satisfied, and why."""

    number: str
    level: int
    what: str
    proofs: tuple[str, ...] = ()
    lacking: str = ""


CHAPTERS: dict[str, tuple[Item, ...]] = {
    "V1 Encoding": (
        Item("1.2.4", 1, "queries take values as parameters, never as text",
             ("tests/contract/test_files.py::test_the_layers_hold",
              f"{WALL}::test_a_path_with_a_quote_in_it_ends_no_statement")),
        Item("1.4.2", 2, "numbers that do not fit are refused, not wrapped",
             ("tests/pure/test_protocol.py::test_a_number_that_is_none_is_not_a_position",
              "tests/pure/test_suspicion.py::"
              "test_no_clock_makes_a_lateness_that_cannot_be_stored")),
        Item("1.5.2", 2, "what comes in becomes only the types we name",
             ("tests/pure/test_protocol.py::test_no_frames_whatever_break_the_connection",
              "tests/pure/test_press_intake.py::"
              "test_any_bytes_are_a_press_or_named_as_no_json_object")),
    ),
    "V2 Validation and business logic": (
        Item("2.2.1", 1, "input is held against rules before it is used",
             ("tests/identity/test_phones.py::test_what_is_no_indonesian_number_is_refused",
              "tests/push/test_devices.py::"
              "test_a_device_that_makes_no_sense_is_refused_by_its_field")),
        Item("2.2.2", 1, "the server checks, whatever the page checked",
             ("tests/http/test_desk.py::test_closing_needs_a_known_disposition_and_a_note",)),
        Item("2.3.1", 1, "steps are taken in their order, none is skipped",
             ("tests/pure/test_state.py::test_an_alarm_moves_only_as_the_table_says",
              "tests/pure/test_state.py::test_a_responder_never_goes_back")),
        Item("2.3.2", 2, "limits hold as documented",
             (f"{BUDGET}::test_one_number_gets_ten_codes_a_day",
              f"{BUDGET}::test_one_device_gets_five_codes_an_hour_whatever_the_numbers")),
        Item("2.3.3", 2, "an act is stored whole or not at all",
             ("tests/db/test_outbox.py::"
              "test_work_promised_by_a_transaction_that_failed_is_not_there",
              "tests/contract/test_files.py::test_nobody_but_the_transaction_commits")),
        Item("2.3.4", 2, "what there is once is given once",
             (f"{RACES}::"
              "test_of_three_who_accept_at_once_one_leads_one_backs_up_and_one_is_refused",
              f"{RACES}::test_accept_and_expire_never_both_win")),
        Item("2.3.5", 3, "a second person approves what is dangerous: an officer's new phone",
             (f"{DEVICES}::test_a_superior_confirms_and_the_session_may_do_everything",
              f"{DEVICES}::test_two_superiors_at_once_decide_once")),
        Item("2.4.1", 2, "costly things cannot be used up by a machine",
             (f"{BUDGET}::test_a_hundred_thousand_attempts_of_whomever"
              "_cost_five_hundred_messages_a_day",
              f"{BUDGET}::test_one_network_cannot_use_up_what_others_need",
              f"{UNVERIFIED}::test_a_flood_from_one_network_is_stored_whole_"
              "and_becomes_a_few_entries",
              "CAS_SMS_UNANSWERED_PER_DAY", "CAS_SMS_PER_DAY")),
    ),
    "V3 Web pages": (
        Item("3.2.2", 1, "text is shown as text", (),
             "the pages set no HTML from data, but no test searches them for it"),
        Item("3.4.3", 2, "every answer has a content security policy", (),
             "sent by web/edge.py with base-uri 'none'; object-src is not stated, and the browser "
             "tests fail on a violation without naming this item"),
        Item("3.5.1", 1, "a page of another origin can do nothing here",
             (f"{CLOSING}::test_a_page_of_another_origin_may_not_open_a_socket",
              f"{LIVE_AUTHORITY}::test_a_page_of_another_origin_opens_no_socket")),
    ),
    "V4 API": (
        Item("4.1.5", 3, "messages that matter are signed one by one: the press",
             (f"{SIGNED}::test_a_signed_press_is_verified_without_any_sign_in",
              f"{SIGNED}::test_a_forged_press_is_nobodys_and_joins_no_alarm",
              f"{SIGNED}::test_a_replay_is_answered_with_the_same_words_"
              "and_is_no_second_alarm")),
        Item("4.4.1", 1, "sockets run over TLS", (), "the proxy's work; the server is plain HTTP"),
        Item("4.4.2", 2, "a socket's Origin is checked",
             (f"{CLOSING}::test_a_page_of_another_origin_may_not_open_a_socket",)),
        Item("4.4.3", 2, "a socket is opened with the session's own token",
             (f"{CLOSING}::test_a_bad_credential_is_closed_with_4401",
              f"{CLOSING}::test_a_session_that_ends_while_watching_is_closed_with_4401",
              f"{CLOSING}::test_a_press_only_credential_may_not_watch")),
    ),
    "V5 Files": (
        Item("5.2.1", 1, "a file is not larger than what we can work with",
             (f"{PICTURES}::test_a_body_that_is_too_large_is_not_read_to_its_end",
              f"{PICTURES}::test_twenty_at_once_are_ten_kept_and_ten_told_why_while_others_press")),
        Item("5.2.2", 1, "a file is what its content is, and is made anew",
             (f"{PICTURES}::test_what_is_no_good_picture_is_refused_in_words_and_nothing_is_kept",
              f"{PICTURES}::test_a_picture_that_is_a_page_too_is_only_a_picture_afterwards",
              f"{PICTURES}::"
              "test_nothing_of_what_a_picture_told_beside_itself_is_kept")),
        Item("5.2.6", 3, "a picture of too many pixels is refused before it is decoded",
             (f"{PICTURES}::test_what_is_no_good_picture_is_refused_in_words_and_nothing_is_kept",)),
        Item("5.3.1", 1, "nothing that was sent is ever run",
             (f"{PICTURES}::test_a_picture_reaches_the_desk_as_a_small_jpeg",)),
    ),
    "V6 Authentication": (
        Item("6.1.1", 1, "what slows guessing down is written, and locks nobody out",
             ("SECURITY.md",
              f"{SIGN_IN}::test_guessing_from_one_place_is_stopped_there_and_nowhere_else")),
        Item("6.3.1", 1, "guessing is slowed down",
             (f"{SIGN_IN}::test_guessing_from_one_place_is_stopped_there_and_nowhere_else",
              f"{SIGN_IN}::test_whoever_gets_in_uses_up_no_tries")),
        Item("6.3.3", 2, "no way in is weaker than the others",
             (f"{CODES}::test_a_code_is_no_way_around_a_password",
              f"{DEVICES}::test_a_personil_signs_in_by_the_number_in_the_registry_and_waits")),
        Item("6.3.4", 3, "people are told of a sign-in they may not have made",
             (f"{DEVICES}::test_the_old_devices_of_a_citizen_are_told_of_a_new_one"
              "_and_no_superior_is_asked",
              "tests/push/test_handlers.py::"
              "test_every_device_of_an_account_is_told_that_it_was_signed_in_elsewhere")),
        Item("6.3.8", 3, "an answer shows neither in words nor in work whom it knows",
             (f"{SAME}::test_asking_for_a_code_is_the_same_for_everybody",
              f"{SAME}::test_a_wrong_code_is_the_same_for_everybody_sent_or_not",
              f"{BUDGET}::test_during_an_attack_a_known_number_still_gets_its_code"
              "_and_nobody_is_told_so",
              f"{SIGN_IN}::test_a_wrong_password_and_an_unknown_name_are_answered_alike",
              f"{SIGN_IN}::test_the_hash_of_nobody_costs_what_a_new_hash_costs")),
        Item("6.4.2", 1, "no secret questions", ("SECURITY.md",)),
        Item("6.5.1", 2, "a code works once",
             (f"{CODES}::test_a_code_works_once",
              f"{SERVERS}::test_codes_and_tries_are_counted_together"
              "_and_one_of_two_at_once_wins")),
        Item("6.5.3", 2, "codes come from a secure source of chance", (),
             "no test can show chance: `identity/codes.py` draws on `secrets` and HMAC-SHA256"),
        Item("6.5.4", 2, "codes have 6 digits",
             (f"{CODES}::test_a_new_number_is_registered_under_the_name_it_gives",)),
        Item("6.5.5", 2, "codes live 5 minutes",
             (f"{CODES}::test_an_expired_code_is_over",
              f"{CODES}::test_a_code_that_has_expired_is_not_sent_any_more",
              "CAS_CODE_MINUTES")),
        Item("6.5.6", 3, "a lost device is shut out",
             (f"{DEVICES}::test_a_refused_device_is_out_and_may_only_ask_again",
              f"{SIGNED}::test_a_key_that_was_ended_signs_nothing_any_more"
              "_and_is_still_heard")),
        Item("6.6.1", 2, "text messages are not the only way, and their risk is told", (),
             "Masyarakat have nothing but a number; the message warns to give the code to nobody"),
        Item("6.6.2", 2, "a code belongs to the request and the device that asked",
             (f"{CODES}::test_a_code_belongs_to_the_device_that_asked",
              f"{CODES}::test_a_new_code_ends_the_older_ones_of_the_same_device")),
        Item("6.6.3", 2, "five tries, then a code is over",
             (f"{CODES}::test_five_wrong_tries_end_a_code"
              "_and_even_the_right_one_comes_too_late",
              f"{SERVERS}::test_codes_and_tries_are_counted_together"
              "_and_one_of_two_at_once_wins")),
    ),
    "V7 Sessions": (
        Item("7.2.1", 1, "tokens are judged by the server alone",
             (f"{PERMISSIONS}::test_without_a_sign_in_every_guarded_route_is_401",)),
        Item("7.2.3", 1, "tokens have 256 random bits and are stored as hashes",
             (f"{SIGN_IN}::test_the_stored_token_is_not_the_token",)),
        Item("7.3.2", 2, "a session ends for good after a time",
             ("tests/http/test_press.py::"
              "test_an_expired_session_still_presses_but_does_nothing_else",
              "CAS_SESSION_DAYS")),
        Item("7.4.1", 1, "whoever signs out is out",
             (f"{SIGN_IN}::test_an_operator_signs_in_sees_who_they_are_and_signs_out",
              f"{CLOSING}::test_a_session_that_ends_while_watching_is_closed_with_4401")),
        Item("7.4.2", 1, "a closed account opens nothing",
             (f"{SIGN_IN}::test_a_disabled_account_does_not_sign_in",
              f"{CODES}::test_a_closed_account_stays_closed",
              f"{ENDED}::test_a_socket_ends_whoever_ended_what_it_stands_on")),
        Item("7.4.3", 2, "a changed password ends every other session",
             (f"{ENDED}::test_a_changed_password_ends_other_sockets"
              "_and_leaves_that_of_whoever_changed_it",)),
        Item("7.5.2", 2, "people see their sessions and end them",
             (f"{ENDED}::test_a_sign_in_ended_on_another_server_loses_its_socket"
              "_and_no_other_does",
              "tests/browser/test_account_sheet.py::"
              "test_staff_see_their_sign_ins_end_one_change_the_password_and_the_app")),
        Item("7.5.3", 3, "what is dangerous asks for a proof again",
             ("tests/http/test_reveals.py::test_a_desk_proves_itself_again_before_a_reveal"
              "_and_an_officer_on_the_way_need_not",)),
    ),
    "V8 Authorization": (
        Item("8.1.1", 1, "one table says who may do what",
             (f"{PERMISSIONS}::test_every_action_of_the_table_is_used_somewhere",)),
        Item("8.2.1", 1, "every route asks for one action of it",
             (f"{PERMISSIONS}::test_every_route_and_the_socket_name_exactly_one_action",
              f"{PERMISSIONS}::test_each_role_outside_the_table_is_refused_on_every_route")),
        Item("8.2.2", 1, "nobody reaches what is somebody else's",
             (f"{AUTHORITY}::test_whoever_is_not_related_gets_nothing_and_changes_nothing",
              f"{LIVE_AUTHORITY}::test_a_socket_shows_and_joins_no_more_than_is_theirs")),
        Item("8.2.3", 2, "nor a field that is not theirs",
             (f"{AUTHORITY}::test_whoever_is_related_gets_it_and_nothing_beside",
              "tests/http/test_desk.py::test_a_citizen_never_learns_an_officers_name")),
        Item("8.3.1", 1, "the server decides",
             (f"{PERMISSIONS}::test_a_route_that_names_no_action_is_found",)),
        Item("8.3.2", 3, "a changed right counts at once",
             (f"{DEVICES}::test_a_superior_confirms_and_the_session_may_do_everything",)),
        Item("8.4.1", 2, "one Polres cannot touch another's, by a second wall in the database",
             (f"{WALL}::test_select_everything_shows_only_the_subtree",
              f"{WALL}::test_what_is_next_door_cannot_be_changed_either")),
    ),
    "V11 Cryptography": (
        Item("11.2.4", 3, "secrets are compared in constant time",
             (f"{SAME}::test_a_wrong_code_is_the_same_for_everybody_sent_or_not",)),
        Item("11.4.2", 2, "passwords are stored with argon2id",
             (f"{SIGN_IN}::test_the_hash_of_nobody_costs_what_a_new_hash_costs",)),
        Item("11.6.1", 2, "signatures are Ed25519",
             (f"{SIGNED}::test_a_signed_press_is_verified_without_any_sign_in",
              "tests/evidence/test_verify.py::"
              "test_heads_of_a_key_that_was_never_published_are_not_believed")),
    ),
    "V12 Communication": (
        Item("12.2.1", 1, "TLS towards everybody outside", (), "the proxy's work"),
    ),
    "V13 Configuration": (
        Item("13.2.6", 3, "calls to others have a time-out and bounded repeats",
             (f"{SMS}::test_a_gateway_that_hears_and_never_answers_is_not_waited_for",
              "tests/push/test_fcm.py::test_a_service_that_hangs_is_left_after_the_time_out",
              "tests/pure/test_retry.py::"
              "test_every_attempt_is_followed_by_a_bounded_wait_or_the_end",
              "CAS_SMS_TIMEOUT_S", "CAS_PUSH_TIMEOUT_S")),
        Item("13.4.2", 2, "no debugging in production: codes are shown in a demo only",
             (f"{SMS}::test_outside_a_demo_no_code_is_ever_shown_in_the_log", "CAS_DEMO")),
    ),
    "V14 Data protection": (
        Item("14.2.1", 1, "no secret stands in an address: a socket's comes in its first frame",
             ("tests/pure/test_protocol.py::test_the_first_frame_must_be_a_good_hello",)),
        Item("14.2.3", 2, "nothing goes to strangers: a push says nothing of the alarm",
             ("tests/pure/test_message.py::"
              "test_the_words_on_a_locked_screen_say_nothing_of_the_alarm",)),
        Item("14.2.6", 3, "nobody gets more than the act needs",
             ("tests/http/test_desk.py::test_a_citizen_never_learns_an_officers_name",
              f"{WALL}::test_a_look_at_a_track_is_written_down_with_its_reason")),
    ),
    "V15 Coding": (
        Item("15.3.2", 2, "our calls to others follow no redirect",
             (f"{SMS}::test_what_the_gateway_answers_decides_whether_to_try_again",)),
        Item("15.3.3", 2, "a field that is not of the act is refused or dropped and named",
             ("tests/pure/test_press_intake.py::"
              "test_an_unknown_field_is_named_but_not_for_ever",
              "tests/contract/test_schemas.py::test_an_example_obeys_the_json_schema")),
        Item("15.4.2", 3, "to look and to act is one step",
             (f"{CODES}::test_a_sixth_code_within_the_hour_is_refused"
              "_even_when_asked_for_at_once",
              f"{BUDGET}::test_askers_at_once_from_many_networks_get_what_the_budget_has"
              "_and_not_one_more",
              f"{RACES}::test_two_presses_of_one_person_at_once_are_one_alarm")),
        Item("15.4.4", 3, "who floods does not starve the others",
             ("tests/pure/test_turns.py::"
              "test_networks_take_turns_so_that_a_full_one_holds_up_no_other",)),
    ),
    "V16 Logs and errors": (
        Item("16.2.5", 2, "no token, number, name or place is logged",
             ("tests/live/test_logs.py::test_no_token_phone_number_name_or_place_is_logged",
              f"{CODES}::test_neither_code_nor_number_stands_in_the_outbox_or_the_journal")),
        Item("16.3.1", 2, "sign-ins are written down",
             (f"{SIGN_IN}::test_an_operator_signs_in_sees_who_they_are_and_signs_out",),
             "refused ones are counted, and logged by their code alone"),
        Item("16.4.2", 2, "nobody changes what was written unseen",
             ("tests/evidence/test_verify.py::test_a_superusers_edit_is_found",
              "tests/pure/test_audit.py::"
              "test_a_cut_off_end_is_found_also_when_other_entries_grew_over_it")),
        Item("16.5.2", 2, "what others fail to do breaks nothing here",
             (f"{SMS}::test_a_gateway_that_is_away_is_tried_again",
              "tests/push/test_fcm.py::test_a_service_that_is_not_there_is_tried_again")),
        Item("16.5.3", 2, "what fails, fails shut and loses nothing",
             ("tests/live/test_durable.py::"
              "test_no_byte_of_an_answer_leaves_before_the_commit_has_ended",)),
    ),
}  # fmt: skip


def page() -> str:
    """tests/asvs.md as the table says now."""
    lines = ["# OWASP ASVS 5.0", "", *(__doc__ or "").split("\n\n")[1].splitlines(), ""]
    for chapter, items in CHAPTERS.items():
        lines += [
            f"## {chapter}",
            "",
            "| item | level | what | shown by |",
            "| --- | --- | --- | --- |",
        ]
        lines += [f"| {i.number} | {i.level} | {i.what} | {_shown(i)} |" for i in items] + [""]
    return "\n".join(lines)


def _shown(item: Item) -> str:
    proofs = [f"`{each}`" for each in item.proofs]
    return "<br>".join([*proofs, *([f"**lacking**: {item.lacking}"] if item.lacking else [])])


if __name__ == "__main__":
    PAGE.write_text(page())
