"""`kefu backup` and `kefu restore`."""

from __future__ import annotations

from pathlib import Path

import click

from kefu.command.database import django_ready, migrate, require_answer


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-key", is_flag=True, help="Put the secret key into the archive too.")
def backup(file: Path, with_key: bool) -> None:
    """Write database and files into one archive FILE. Kefu may run meanwhile."""
    file = file.resolve()
    if not file.parent.is_dir():
        raise click.BadParameter(f"there is no folder {file.parent}", param_hint="FILE")
    with django_ready():
        require_answer()
        from django.conf import settings

        from kefu.kernel import archive

        manifest = archive.back_up(file, with_key=with_key)
        click.echo(f"{file}: {file.stat().st_size / 2**20:.1f} MB, the database and {manifest.files} files")
        if with_key:
            click.echo("The secret key is in it: keep the archive as safe as the key.")
        else:
            click.echo(
                f"The secret key is not in it. Keep a copy of {settings.KEFU_HOME / 'secret.key'} (or KEFU_SECRET_KEY) "
                f"in another place: without it the passwords of the channels cannot be read."
            )


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--over", is_flag=True, help="Replace the shop that is here.")
def restore(file: Path, over: bool) -> None:
    """Put the archive FILE in place of an empty database."""
    with django_ready():
        require_answer()
        from kefu.kernel import archive

        manifest = archive.restore(file.resolve(), over=over)
        migrate()
        click.echo(f"Restored the state of {manifest.made_at} with {manifest.files} files.")
        if manifest.key != archive.key_fingerprint():
            click.secho(
                "This installation has another secret key than the one backed up: put the old one into "
                "KEFU_HOME/secret.key (or KEFU_SECRET_KEY), else the passwords of the channels must be entered anew.",
                fg="yellow",
            )
