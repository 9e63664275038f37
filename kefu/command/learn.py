"""`kefu learn`: understanding is trained anew from the pack's examples and what people corrected."""

from __future__ import annotations

import click

from kefu.command.database import django_ready


@click.command()
@click.option(
    "--brand", "slug", help="Only this shop; otherwise the pack, then every shop whose people corrected something."
)
@click.option("--pack", default="ecommerce", show_default=True)
def learn(slug: str | None, pack: str) -> None:
    """Train understanding anew, compare with the running model, switch only when it isn't worse."""
    with django_ready():
        from kefu.assistant.learning import services
        from kefu.assistant.models import TeachingExample, TrainedModel
        from kefu.people.actors import SYSTEM
        from kefu.people.models import Brand

        if slug is not None:
            brand = Brand.objects.filter(slug=slug).first()
            if brand is None:
                raise click.ClickException(f"there is no brand {slug!r}")
            brands = [brand]
            outcomes = [services.learn(brand.pack, brand, by=SYSTEM)]
        else:
            outcomes = [services.learn(pack, None, by=SYSTEM)]
            taught = TeachingExample.objects.values_list("brand_id", flat=True)
            trained = TrainedModel.objects.filter(brand__isnull=False).values_list("brand_id", flat=True)
            brands = list(Brand.objects.filter(pk__in=taught.union(trained), pack=pack).order_by("slug")[:500])
            outcomes += [services.learn(pack, brand, by=SYSTEM) for brand in brands]
        for outcome in outcomes:
            click.echo("\n".join([*outcome.sentences, ""]))
