"""What a redirect carries to the next page: said there, once, to whom it was said, and never written into a session."""
import sqlalchemy as sa

from runtime.db.transaction import reading
from runtime.web import said


def saved(client, name):
    answer = client.post("/m/deals", data={"csrf_token": client.csrf, "name": name})
    assert answer.status_code == 303
    return answer.headers["Location"]


def kept():
    with reading() as connection:
        return connection.execute(sa.text("SELECT id, data::text, xmin::text FROM house.session ORDER BY id")).all()


def test_the_page_a_redirect_leads_to_says_what_was_done_once(boss):
    place = saved(boss, "First")
    assert '<div class="b-toast">Deal created.</div>' in boss.get(place).text
    assert '<div class="b-toast">' not in boss.get(place).text


def test_a_boosted_page_tells_it_to_the_script(boss):
    place = saved(boss, "Boosted")
    answer = boss.get(place, headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert "created." in answer.headers["HX-Trigger-After-Swap"] and '<div class="b-toast">' not in answer.text


def test_only_the_last_of_many_is_said_and_no_session_grows(boss):
    before = kept()
    for number in range(5):
        place = saved(boss, f"Many {number}")
    assert kept() == before
    assert boss.get(place).text.count('<div class="b-toast">') == 1


def test_nobody_else_at_the_same_browser_hears_it_and_nobody_can_make_it_up(boss, lan):
    saved(boss, "For the boss alone")
    words = boss.get_cookie(said.COOKIE).value
    lan.set_cookie(said.COOKIE, words)
    assert '<div class="b-toast">' not in lan.get("/").text
    for forged in (words[:-2] + "xx", "made up", "é" * 90):
        boss.set_cookie(said.COOKIE, forged)
        answer = boss.get("/")
        assert answer.status_code == 200 and '<div class="b-toast">' not in answer.text


def test_a_very_long_sentence_still_fits_a_cookie(app):
    with app.test_request_context("/"):
        answer = said.carry(app.response_class(), {"text": "ỹ" * 50_000, "kind": "bad"})
    assert len(answer.headers["Set-Cookie"]) < 4_096
