"""The new words of a reply, without what was written before."""

from __future__ import annotations

import pytest

from kefu.channels.email.reading import read_mail
from kefu.channels.email.reading.cutting import cut

QUOTED = "> 您的包裹在路上。\n> 祝好"


@pytest.mark.parametrize("announcement", [
    "On Mon, Mar 2, 2026 at 10:00 AM Lumen <help@lumen.example> wrote:",
    "On Mon, Mar 2, 2026 at 10:00 AM Lumen\n<help@lumen.example> wrote:",
    "在 2026年3月2日，Lumen <help@lumen.example> 写道：",
    "在 2026-03-02 10:00:00，\"Lumen\" <help@lumen.example> 写道：",
    "2026年3月2日 10:00，Lumen <help@lumen.example> 写道:",
    "於 2026年3月2日 週一 上午10:00 寫道：",
    "Lumen <help@lumen.example> 于2026年3月2日周一 18:00写道：",
    '------------------ 原始邮件 ------------------\n发件人: "Lumen" <help@lumen.example>;\n发送时间: 2026年3月2日',
    "------------------&nbsp;原始邮件&nbsp;------------------".replace("&nbsp;", " "),
    "---- 回复的原邮件 ----\n| 发件人 | Lumen |\n| 日期 | 2026年3月2日 |\n| 收件人 | mira |\n| 主题 | 包裹 |",
    "发件人: Lumen\n发送时间: 2026年3月2日 10:00\n收件人: Mira\n主题: 包裹",
    "发件人： help@lumen.example\n发送时间： 2026-03-02 10:00\n收件人： mira@example.com\n主题： 包裹",
    "-----Original Message-----\nFrom: Lumen\nSent: Monday",
    "From: Lumen <help@lumen.example>\nSent: Monday, March 2, 2026\nTo: Mira\nSubject: Parcel",
    "________________________________\nVon: Lumen\nGesendet: Montag, 2. März 2026",
    "Am 2. März 2026 um 10:00 schrieb Lumen <help@lumen.example>:",
    "Am Mo., 2. März 2026 um 10:00 Uhr schrieb Lumen <\nhelp@lumen.example>:",
    "Le lun. 2 mars 2026 à 10:00, Lumen <help@lumen.example> a écrit :",
    "El lun, 2 mar 2026 a las 10:00, Lumen (<help@lumen.example>) escribió:",
    "2026/03/02 10:00、Lumen <help@lumen.example>のメール:",
])  # fmt: skip
@pytest.mark.parametrize("quote", [QUOTED, QUOTED.replace("> ", "")])
def test_what_was_written_before_is_cut_off(announcement, quote):
    assert cut(f"它还没到。订单 1042\n\n{announcement}\n\n{quote}") == "它还没到。订单 1042"


@pytest.mark.parametrize("signature", [
    "-- \nMira\n+49 151 1234567", "--\nMira", "Sent from my iPhone", "发自我的iPhone", "发自我的华为手机",
    "Get Outlook for iOS",
    "Best regards,\nMira\nwww.example.com", "Mit freundlichen Grüßen\n\nMira", "谢谢！\n米拉", "此致\n敬礼\n米拉",
    "Von meinem iPhone gesendet", "Mira",
])  # fmt: skip
def test_signatures_are_cut_off(signature):
    assert cut(f"Where is order 1042?\n\n{signature}", sender="Mira").rstrip() in (
        "Where is order 1042?", "Where is order 1042?\n\nMira",
    )  # fmt: skip


@pytest.mark.parametrize("text", [
    "On your page I read that you wrote:\nreturns are free",
    "Thanks,\nmy order is 1042",
    "谢谢\n订单号 1042",
    "Best regards to your team! But where is my parcel? It was due on Monday, and it is Friday now.",
    "Sent from my desk, is much easier than my mobile phone.",
    "Hi there -- this is not a signature.\n\nBye",
    "From: Berlin\nto Paris, please.",
    "主题公园的票什么时候到？",
    "I wrote on 3 May:\nnobody answered.",
    "在哪里可以退货？我的地址写道路名称就行吗",
    "Item: shoes\nSize: 42\nColour: blue",
])  # fmt: skip
def test_words_that_only_look_like_it_stay(text):
    assert cut(text) == text


def test_answers_between_the_quoted_lines_stay():
    text = "On Mon, 2 Mar 2026, Lumen wrote:\n> Which colour?\n\nBlue.\n\n> Which size?\n\n42\n\n-- \nMira"
    assert cut(text) == "Blue.\n\n42"


def test_an_answer_below_the_quote_is_found():
    assert cut("On 2 Mar 2026, Lumen wrote:\n> Is it broken?\nYes") == "Yes"


def test_a_mail_that_is_only_a_quote_is_kept_rather_than_lost():
    assert "Is it broken" in cut("-----Original Message-----\nFrom: a\nTo: b\nSubject: c\n\nIs it broken?")
    assert cut("> Is it broken?") == "> Is it broken?"


def test_a_forward_is_kept_for_what_it_brings():
    raw = (
        "From: mira@example.com\nSubject: Fwd: Your order 1042\n\nSee below.\n\n"
        "---------- Forwarded message ---------\n"
        "From: Lumen <help@lumen.example>\nDate: Mon\nSubject: Your order 1042\nTo: Mira\n\nYour order 1042 has left."
    )
    assert "Your order 1042 has left." in read_mail(raw.encode()).text


@pytest.mark.parametrize("quote", [
    '<div class="gmail_quote">On Mon Lumen wrote:<blockquote class="gmail_quote">Old words</blockquote></div>',
    '<blockquote type="cite">Old words</blockquote>',
    '<div id="divRplyFwdMsg"><b>From:</b> Lumen</div><div>Old words</div>',
    '<hr id="stopSpelling">Date: Mon<br>Subject: x<br>From: Lumen<br><div>Old words</div>',
    "<div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>发件人: Lumen</div><div>Old words</div>",
    '<div class="yahoo_quoted">Old words</div>',
])  # fmt: skip
def test_quotes_in_html_are_cut_off(quote):
    raw = f"From: mira@example.com\nContent-Type: text/html; charset=utf-8\n\n<p>It is blue.</p>{quote}"
    read = read_mail(raw.encode())
    assert read.text == "It is blue."
    assert "Old words" in read.full_text
    assert "Old words" in read.html
