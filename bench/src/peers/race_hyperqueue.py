"""Runs batches of short commands on HyperQueue, one batch per line read from stdin; prints seconds per batch as JSON.

HyperQueue's client polls once a second, so a batch counts from its submission to the last file that one of its tasks wrote.
"""

import json
import os
import shutil
import sys
import tempfile
import time

from hyperqueue import Job
from hyperqueue.cluster import LocalCluster, WorkerConfig


def batch(client, folder, count):
    work = tempfile.mkdtemp(dir=folder)
    job = Job(default_workdir=work)
    for i in range(count):
        job.program(["/bin/echo", "hello"], stdout=f"{work}/{i}.out", stderr=f"{work}/{i}.err")
    start = time.time()
    client.wait_for_jobs([client.submit(job)])
    names = [f"{work}/{i}.out" for i in range(count)]
    if any(os.path.getsize(name) == 0 for name in names):
        raise SystemExit("a task left no output")
    last = max(os.stat(name).st_mtime for name in names)
    shutil.rmtree(work)
    return last - start


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # the library talks on stdout
    folder = tempfile.mkdtemp()
    try:
        with LocalCluster(server_dir=folder) as cluster:
            for _ in range(4):
                cluster.start_worker(WorkerConfig(cores=1))
            client = cluster.client()
            batch(client, folder, 50)  # workers are up once it returns
            answers.write(json.dumps({"ready": True}) + "\n")
            for line in sys.stdin:
                answers.write(json.dumps({"seconds": batch(client, folder, int(line))}) + "\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
