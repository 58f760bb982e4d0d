import subprocess
import sys


def test_importing_the_answer_does_not_load_the_writers():
    code = "import sys, tasks.answer; print({'jinja2', 'xlsxwriter'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
