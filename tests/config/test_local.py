"""The embedded servers, started by real processes that come, go and are killed."""

import os
import signal
import subprocess
import sys

import psutil
import psycopg
import pytest
import redis

from config import checks, local
from tests.config.processes import (
    FORKING_VISITOR,
    Visitor,
    eventually,
    keeper_of,
    kill_all,
    postmaster_of,
    processes_of,
)


def test_two_processes_share_the_servers(home, visit):
    first, second = visit().arrive(), visit().arrive()

    first.ask("CREATE TABLE note AS SELECT 'hello' AS text")
    redis.Redis.from_url(first.redis_url).set("greeting", "hola")

    assert second.ask("SELECT text FROM note") == "hello"
    assert redis.Redis.from_url(second.redis_url).get("greeting") == b"hola"


def test_processes_that_start_together_start_one_pair_of_servers(empty_home, visit):
    visitors = [visit() for _ in range(4)]

    addresses = {visitor.arrive().database_url for visitor in visitors}

    assert len(addresses) == 1
    keepers = [process for process in processes_of(empty_home) if "python" in process.name()]
    assert len(keepers) == 1
    assert len({process.pid for process in processes_of(empty_home) if is_postmaster(process)}) == 1


def is_postmaster(process: psutil.Process) -> bool:
    return process.name() == "postgres" and "-D" in process.cmdline()


def test_new_databases_have_the_extensions(home, visit):
    visitor = visit().arrive()

    with psycopg.connect(visitor.database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")
    names = psycopg.connect(visitor.database_url, dbname="another").execute(
        "SELECT extname FROM pg_extension"
    )

    assert set(checks.EXTENSIONS) <= {name for (name,) in names}


def test_servers_survive_a_killed_user(home, visit):
    first, second = visit().arrive(), visit().arrive()
    servers = postmaster_of(home)

    first.kill()
    third = visit().arrive()

    assert second.ask("SELECT 1") == third.ask("SELECT 1") == 1
    assert postmaster_of(home) == servers


@pytest.mark.parametrize("goodbye", [Visitor.leave, Visitor.kill])
def test_servers_stop_with_the_last_user(home, visit, goodbye):
    first, last = visit().arrive(), visit().arrive()
    first.leave()
    assert processes_of(home)

    goodbye(last)

    eventually(lambda: not processes_of(home))
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_forked_child_is_a_user(home, visit):
    visitor = visit(code=FORKING_VISITOR).arrive()
    visitor.process.wait()

    assert visitor.ask("SELECT 1") == 1
    visit().arrive().leave()
    assert processes_of(home)

    visitor.process.stdin.close()
    eventually(lambda: not processes_of(home))


def test_rows_and_queued_tasks_survive_a_restart(home, visit):
    visitor = visit(unsafe="").arrive()
    visitor.ask("CREATE TABLE note AS SELECT 'hello' AS text")
    redis.Redis.from_url(visitor.redis_url).lpush("tasks", "send")
    visitor.leave()
    eventually(lambda: not processes_of(home))

    visitor = visit(unsafe="").arrive()

    assert visitor.ask("SELECT text FROM note") == "hello"
    assert redis.Redis.from_url(visitor.redis_url).lrange("tasks", 0, -1) == [b"send"]
    assert visitor.ask("SHOW fsync") == "on"


def test_everything_killed_at_once_starts_again(home, visit):
    visitor = visit(unsafe="").arrive()
    visitor.ask("CREATE TABLE note AS SELECT 'hello' AS text")
    kill_all(processes_of(home))
    visitor.kill()

    assert visit(unsafe="").arrive().ask("SELECT text FROM note") == "hello"


def test_a_lock_that_names_a_stranger_is_removed(home, visit):
    visit().arrive().leave()
    eventually(lambda: not processes_of(home))
    # PostgreSQL takes any living process of its own account for an earlier PostgreSQL.
    account = (home / "postgres").stat().st_uid
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=account) as stranger:
        lock = [stranger.pid, home / "postgres", 1700000000, 5432, home / "run", "", "0 0", "ready"]
        (home / "postgres" / "postmaster.pid").write_text("\n".join(map(str, lock)) + "\n")
        (home / "valkey" / "valkey.pid").write_text(f"{stranger.pid}\n")
        (home / "servers.json").write_text("{")

        assert visit().arrive().ask("SELECT 1") == 1
        assert stranger.poll() is None


def test_a_killed_keeper_does_not_disturb_and_is_replaced(home, visit):
    first = visit().arrive()
    servers = postmaster_of(home)
    keeper_of(home).kill()
    assert first.ask("SELECT 1") == 1

    second = visit().arrive()

    assert postmaster_of(home) == servers
    first.leave()
    assert second.ask("SELECT 1") == 1
    second.leave()
    eventually(lambda: not processes_of(home))


def test_a_killed_server_is_started_again(home, visit):
    visitor = visit().arrive()
    killed = postmaster_of(home)

    killed.kill()

    eventually(lambda: answers(visitor))
    assert postmaster_of(home) != killed


def answers(visitor: Visitor) -> bool:
    try:
        return visitor.ask("SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def test_half_made_data_is_made_again(empty_home, visit):
    (empty_home / "postgres.new" / "base").mkdir(parents=True)
    (empty_home / "postgres.new" / "PG_VERSION").write_text("18\n")

    assert visit().arrive().ask("SELECT 1") == 1
    assert not (empty_home / "postgres.new").exists()


def test_unknown_data_is_moved_aside(empty_home, visit):
    (empty_home / "postgres").mkdir()
    (empty_home / "postgres" / "accounts.txt").write_text("mine")

    assert visit().arrive().ask("SELECT 1") == 1
    [aside] = empty_home.glob("postgres.incomplete-*")
    assert (aside / "accounts.txt").read_text() == "mine"


def test_data_of_another_version_is_named_and_kept(empty_home, visit):
    (empty_home / "postgres").mkdir()
    (empty_home / "postgres" / "PG_VERSION").write_text("9.6\n")

    visitor = visit()
    errors = visitor.process.communicate()[1].splitlines()

    assert visitor.process.returncode == 1
    assert len(errors) == 1
    assert f"{empty_home / 'postgres'} was made by PostgreSQL 9.6" in errors[0]
    assert (empty_home / "postgres" / "PG_VERSION").read_text() == "9.6\n"
    eventually(lambda: not processes_of(empty_home))


def test_a_folder_that_cannot_be_made_is_named(empty_home):
    (empty_home / "file").write_text("")

    visitor = Visitor(empty_home / "file" / "local")
    errors = visitor.process.communicate()[1].splitlines()

    assert visitor.process.returncode == 1
    assert len(errors) == 1
    assert f"{empty_home / 'file' / 'local'} cannot be made" in errors[0]


def test_a_path_too_long_for_a_socket_gets_another(empty_home):
    deep = empty_home / ("a" * 60) / ("b" * 60)
    visitor = Visitor(deep).arrive()

    assert visitor.ask("SELECT 1") == 1
    assert redis.Redis.from_url(visitor.redis_url).ping()

    visitor.leave()
    eventually(lambda: not processes_of(deep))


def test_servers_ignore_an_interrupt_of_the_terminal(home, visit):
    first, second = visit().arrive(), visit().arrive()

    assert os.getpgid(keeper_of(home).pid) != os.getpgid(first.process.pid)
    assert os.getpgid(postmaster_of(home).pid) != os.getpgid(first.process.pid)
    assert second.ask("SELECT 1") == 1


def test_a_secret_is_made_once_and_private(empty_home, monkeypatch):
    monkeypatch.setenv("KAIU_LOCAL_DIR", str(empty_home))

    first, again, other = local.secret("key"), local.secret("key"), local.secret("other")

    assert first == again != other
    assert (len(first), len(local.secret("short", length=16))) == (44, 16)
    # Whoever looks there finds what is used.
    assert (empty_home / "secrets" / "short").read_text() == local.secret("short", length=16)
    # One that was kept whole by an earlier release is used as it was then.
    assert local.secret("key", length=16) == first[:16]
    assert (empty_home / "secrets" / "key").stat().st_mode & 0o777 == 0o600


def test_the_servers_need_no_django():
    code = "import sys, config.local; sys.exit('django' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=local.PROJECT, check=False)

    assert done.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_keeper_told_to_end_closes_the_data(home, visit, number):
    visit().arrive()

    keeper_of(home).send_signal(number)

    eventually(lambda: not processes_of(home))
    assert not (home / "postgres" / "postmaster.pid").exists()
