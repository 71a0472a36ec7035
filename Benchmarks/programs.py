"""The programs that are measured."""
import subprocess

from servers import HERE, ROOT, sh


def build(folder, names):
    """Where they are, by name: in `folder`, or in a release build, which is made."""
    if folder:
        return {name: f"{folder}/{name}" for name in names}
    programs = {}
    for name in names:
        command = ["swift", "build", "-c", "release", "--package-path", str(ROOT if name == "sluice" else HERE)]
        subprocess.run([*command, "--product", name], check=True)
        programs[name] = sh(*command, "--show-bin-path").strip() + f"/{name}"
    return programs
