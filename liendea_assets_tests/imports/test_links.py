import pytest

from liendea_assets.imports.links import link_label, link_target


@pytest.mark.parametrize(
    ("text", "target", "label"),
    [
        ('=HYPERLINK("https://acme.example","Acme")', "https://acme.example", "Acme"),
        ('=hyperlink("https://acme.example"; "Acme ""A""")', "https://acme.example", 'Acme "A"'),
        ('=HYPERLINK("https://acme.example")', "https://acme.example", "https://acme.example"),
        ("[Acme](https://acme.example)", "https://acme.example", "Acme"),
        ("[](https://acme.example)", "https://acme.example", "https://acme.example"),
        ('<a class="x" href="https://acme.example"><b>Acme</b></a>', "https://acme.example", "Acme"),
        ("Acme (x)", "Acme (x)", "Acme (x)"),
    ],
)
def test_a_link_leads_somewhere_and_shows_something(text: str, target: str, label: str) -> None:
    assert (link_target(text), link_label(text)) == (target, label)
