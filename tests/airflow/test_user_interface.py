"""The UI of the private Airflow that the demo leaves up: it takes the login that is printed, and ends with the rest."""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import requests

from demo.airflow_env import PrivateAirflow


def lets_in(airflow: PrivateAirflow, password: str) -> bool:
    """Whether a page that wants a user is shown after a login with this password."""
    with requests.Session() as session:
        if airflow.is_3:
            login = {"username": airflow.user, "password": password}
            answer = session.post(f"{airflow.url}/auth/token", json=login, timeout=30)
            session.headers["Authorization"] = f"Bearer {answer.json().get('access_token')}"
            return session.get(f"{airflow.url}/api/v2/dags", timeout=30).status_code == 200
        form = session.get(f"{airflow.url}/login/", timeout=30).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token is not None
        login = {"username": airflow.user, "password": password, "csrf_token": token[1]}
        session.post(f"{airflow.url}/login/", data=login, timeout=30)
        return session.get(f"{airflow.url}/home", allow_redirects=False, timeout=30).status_code == 200


def test_the_ui_takes_the_printed_login_and_no_other_and_nothing_of_it_is_left_running(tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    with PrivateAirflow(tmp_path / "home", dags=tmp_path / "dags", ui=True) as airflow:
        running = {process.pid for process in airflow.processes()}
        assert lets_in(airflow, airflow.password)
        assert not lets_in(airflow, "something else")
    assert not [pid for pid in running if psutil.pid_exists(pid)]
