"""GitHub Actions: from an event to runs, from runs to jobs, with queues, environments and permissions.

Events that come while a run waits or has not begun find it in its concurrency group, as they would on GitHub: one run of a
group goes on, one waits, and a third takes the place of the one that waits. Jobs run one after the other, so that what a
scenario prints is the same on every machine.
"""

import secrets

from github.model import Token
from runner import act, workflow
from runner.expressions import Evaluator, text_of
from runner.job import (
    Job, Run, StartupFailure, called_permissions, capped, combinations, passed_inputs, passed_secrets, permissions_of,
)
from runner.workflow import Event

DONE = "completed"


class Service:
    """All runs of all repositories of a hub."""

    def __init__(self, hub, machine):
        self.hub = hub
        self.machine = machine
        self.queue = []
        self.finished = []

    def happen(self, repository, event):
        """Starts the workflows that an event is for, and returns their runs."""
        started = []
        for path in repository.git.files(event.files_at, ".github/workflows"):
            document = workflow.read(repository.git.show(event.files_at, path))
            if workflow.starts(document, event):
                started.append(self.start(repository, event, path, document))
        return started

    def start(self, repository, event, path, document, inputs=None):
        """Puts a run of one workflow into the queue."""
        pull = event.payload.get("pull_request")
        head = pull["head"] if pull else {"ref": event.ref.removeprefix("refs/heads/"), "sha": event.sha, "repo": {"full_name": repository.name}}
        same = [run for run in repository.runs.values() if run.path == path]
        run = Run(
            self.hub.next_id(), len(same) + 1, 1 + len({run.path for run in repository.runs.values()} - {path}), path,
            document.get("name", path), document, event, head["repo"]["full_name"], head["ref"], head["sha"], self.now(repository),
            [pull["number"]] if pull and head["repo"]["full_name"] == repository.name else [], inputs=inputs or {},
        )
        repository.runs[run.id] = run
        self.queue.append((repository, run))
        try:
            self.enter_group(repository, run)
            self.plan_jobs(repository, run)
        except StartupFailure as failure:
            run.jobs = [Job("workflow", None, str(failure), {}, {}, None, {}, conclusion="startup_failure", status=DONE)]
            self.end(repository, run, "startup_failure")
        return run

    @staticmethod
    def now(repository):
        """A time for the API: each run is a minute younger than the one before."""
        minutes = len(repository.runs)
        return f"2026-11-22T{12 + minutes // 60:02}:{minutes % 60:02}:00Z"

    def contexts(self, repository, run, job=None):
        """The contexts of expressions outside of steps."""
        event = run.event
        github = {
            "event_name": event.name, "event": event.payload, "repository": repository.name, "sha": event.sha, "ref": event.ref,
            "ref_name": event.ref.split("/", 2)[-1], "actor": event.actor, "workflow": run.name, "run_id": str(run.id),
            "run_number": str(run.number), "run_attempt": "1", "server_url": "https://github.com", "triggering_actor": event.actor,
            "repository_owner": repository.name.split("/")[0], "head_ref": run.head_branch if "pull_request" in event.payload else "",
            "base_ref": event.base_branch if "pull_request" in event.payload else "",
            "workflow_ref": f"{repository.name}/{run.path}@{event.ref}",
        }
        needs = {} if job is None else job.needs_context()
        return {"github": github, "vars": repository.variables, "inputs": run.inputs if job is None else job.inputs, "needs": needs,
                "secrets": {}, "matrix": {} if job is None else job.matrix, "strategy": {}, "env": {}}

    def enter_group(self, repository, run):
        """Takes a run's place in its concurrency group."""
        setting = run.document.get("concurrency")
        if setting is None:
            return
        setting = {"group": setting} if isinstance(setting, str) else setting
        evaluated = Evaluator(self.contexts(repository, run)).template(setting)
        run.group = f"{repository.name} {text_of(evaluated['group'])}"
        others = [other for _, other in self.queue if other.group == run.group and other is not run and other.status != DONE]
        running = [other for other in others if other.status != "pending"]
        if evaluated.get("cancel-in-progress") in (True, "true"):
            for other in others:
                self.end(repository, other, "cancelled")
        elif running:
            for other in others:
                if other.status == "pending" and evaluated.get("queue") != "max":
                    self.end(repository, other, "cancelled")
            run.status = "pending"

    def plan_jobs(self, repository, run):
        """Makes the jobs of a run, those of called workflows among them."""
        document, jobs = run.document, {}
        for key, definition in document["jobs"].items():
            allowed = permissions_of(definition.get("permissions"), document.get("permissions"))
            if "uses" in definition:
                jobs[key] = self.called(repository, run, key, definition, allowed)
                continue
            title = definition.get("name", key)
            jobs[key] = [Job(key, None, title, definition, document, None, allowed, inputs=run.inputs)]
        for key, group in jobs.items():
            for job in group:
                needs = document["jobs"][key].get("needs", [])
                needs = [needs] if isinstance(needs, str) else needs
                (job.caller_needs if job.caller else job.needs).extend(other for name in needs for other in jobs[name])
        run.jobs = [job for group in jobs.values() for job in group]
        run.callers = jobs

    def called(self, repository, run, key, definition, allowed):
        """The jobs of a workflow that a job calls."""
        uses = definition["uses"]
        if uses.startswith("./"):
            source, reference, path = repository, run.event.files_at, uses[2:]
        else:
            path, _, reference = uses.partition("@")
            name, path = "/".join(path.split("/")[:2]), "/".join(path.split("/")[2:])
            source = self.hub.repositories[name]
        text = source.git.show(reference, path)
        if text is None:
            raise StartupFailure(f"workflow was not found: {uses}")
        document = workflow.read(text)
        evaluator = Evaluator(self.contexts(repository, run))
        inputs = passed_inputs(document, definition.get("with") or {}, evaluator)
        available = {} if run.event.fork else repository.secrets
        evaluator = Evaluator(self.contexts(repository, run) | {"secrets": available})
        passed = passed_secrets(document, definition.get("secrets"), available, evaluator)
        jobs = {}
        for inner, inner_definition in document["jobs"].items():
            title = f"{definition.get('name', key)} / {inner_definition.get('name', inner)}"
            permissions = called_permissions(title, document, inner_definition, allowed)
            jobs[inner] = Job(inner, key, title, inner_definition, document, (source.name, reference), permissions, inputs, passed)
            jobs[inner].inherits = definition.get("secrets") == "inherit"
        for job in jobs.values():
            needs = job.definition.get("needs", [])
            job.needs = [jobs[name] for name in ([needs] if isinstance(needs, str) else needs)]
            job.caller_condition = definition.get("if")
        return list(jobs.values())

    def work(self):
        """Runs everything that can run, until nothing is left but what waits for somebody."""
        while ready := next(((repository, run) for repository, run in self.queue if self.can_go_on(run)), None):
            repository, run = ready
            self.go_on(repository, run)
            while self.hub.dispatches:
                self.dispatch(*self.hub.dispatches.pop(0))
        finished, self.finished = self.finished, []
        return finished

    @staticmethod
    def can_go_on(run):
        """Whether a run has a job that can be tried now."""
        approved = any(job.status == "waiting" and job.approved for job in run.jobs)
        return run.status in ("queued", "in_progress") or (run.status == "waiting" and approved)

    def go_on(self, repository, run):
        """Runs the jobs of a run, up to one that waits for approval or to the end."""
        run.status = "in_progress"
        for job in run.jobs:
            # A matrix grows the list while it is read.
            if job.status != DONE and all(other.status == DONE for other in [*job.needs, *job.caller_needs]):
                self.try_job(repository, run, job)
        if any(job.status == "waiting" for job in run.jobs):
            run.status = "waiting"
            return
        conclusions = [job.conclusion for job in run.jobs]
        bad = next((one for one in ("failure", "cancelled") if one in conclusions), None)
        self.end(repository, run, bad or ("skipped" if set(conclusions) == {"skipped"} else "success"))

    def try_job(self, repository, run, job):
        """Runs one job, unless its condition or its environment says otherwise."""
        contexts = self.contexts(repository, run, job)
        called = job.caller is None or Evaluator(contexts | {"inputs": run.inputs}, job.status_of_caller()).condition(job.caller_condition)
        if not called or not Evaluator(contexts, job.status_of_needs()).condition(job.definition.get("if")):
            job.status, job.conclusion = DONE, "skipped"
            return
        if not job.matrix and "matrix" in job.definition.get("strategy", {}):
            job.spread(combinations(job.definition["strategy"], contexts), run.jobs)
            if job.status == DONE:
                return
            contexts = self.contexts(repository, run, job)
        environment = Evaluator(contexts).template(job.definition.get("environment"))
        environment = environment.get("name") if isinstance(environment, dict) else environment
        if environment:
            job.environment = environment
            protected = repository.environments.setdefault(environment, act_environment())
            branch = run.event.ref.removeprefix("refs/heads/")
            if not workflow.any_matches(protected.branches, branch):
                job.status, job.conclusion = DONE, "failure"
                job.log.append(("environment", "failure", [f'Branch "{branch}" is not allowed to deploy to {environment}']))
                return
            if protected.reviewers and not job.approved:
                job.status = "waiting"
                return
        self.run_job(repository, run, job)

    def run_job(self, repository, run, job):
        """Runs one job with its own tokens, secrets and variables."""
        protected = repository.environments.get(job.environment)
        outside = run.event.fork
        permissions = capped(job.permissions) if outside else job.permissions
        token = Token(repository.name, permissions, run.id)
        runtime = RuntimeJob(repository, run, job, token)
        self.hub.tokens[token.value] = token
        self.hub.jobs[runtime.value] = runtime
        own = dict(job.secrets) if job.caller else ({} if outside else dict(repository.secrets))
        variables = dict(repository.variables)
        if protected:
            # GitHub gives a called workflow the environment's secrets with `secrets: inherit` alone (actions/runner#4453).
            own |= protected.secrets if job.inherits or not job.caller else {}
            variables |= protected.variables
        job.secrets = own
        extra = {"HUB_RUNTIME_TOKEN": runtime.value}
        if permissions.get("id-token") == "write":
            extra |= {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://oidc.actions.githubusercontent.com/token?api-version=2.0",
                      "ACTIONS_ID_TOKEN_REQUEST_TOKEN": runtime.value}
        job.folder = act.run(
            self.machine, repository, run, job, secrets={"GITHUB_TOKEN": token.value}, variables=variables, extra=extra,
        )
        job.status = DONE
        del self.hub.tokens[token.value], self.hub.jobs[runtime.value]

    def end(self, repository, run, conclusion):
        """Ends a run: the next of its group may go on, and `workflow_run` happens."""
        run.status, run.conclusion = DONE, conclusion
        for job in run.jobs:
            if job.status != DONE:
                job.status, job.conclusion = DONE, "cancelled"
        self.queue = [(other_repository, other) for other_repository, other in self.queue if other is not run]
        self.finished.append(run)
        following = next((other for _, other in self.queue if run.group and other.group == run.group and other.status == "pending"), None)
        if following and not any(other.group == run.group and other.status not in ("pending", DONE) for _, other in self.queue):
            following.status = "queued"
        if run.event.name != "workflow_run":
            self.after(repository, run)

    def after(self, repository, run):
        """Starts the workflows of the default branch that wait for the end of a run."""
        from github.rest import repository_json, run_json

        sha = repository.git.head(repository.default_branch)
        payload = {"action": "completed", "workflow_run": run_json(run, repository), "repository": repository_json(repository)}
        self.happen(repository, Event("workflow_run", payload, sha=sha, ref=f"refs/heads/{repository.default_branch}"))

    def dispatch(self, repository, path, ref, inputs, actor="alice"):
        """Starts one workflow by hand, or by a call of the API."""
        from github.rest import repository_json

        branch = ref.removeprefix("refs/heads/")
        sha = repository.git.head(branch)
        document = workflow.read(repository.git.show(sha, path))
        declared = (workflow.triggers(document)["workflow_dispatch"] or {}).get("inputs") or {}
        values = {name: inputs.get(name, about.get("default", "")) for name, about in declared.items()}
        texts = {name: text_of(value) for name, value in values.items()}
        for name, about in declared.items():
            if about.get("type") == "boolean":
                values[name] = text_of(values[name]) == "true"
        payload = {"inputs": texts, "ref": f"refs/heads/{branch}", "repository": repository_json(repository), "workflow": path}
        event = Event("workflow_dispatch", payload, sha=sha, ref=f"refs/heads/{branch}", actor=actor)
        return self.start(repository, event, path, document, values)


def act_environment():
    """An environment that a job names and nobody has made: GitHub makes it, without any protection."""
    from github.model import Environment

    return Environment()


class RuntimeJob:
    """What the services for the runner know about a job: its run, its ref, and the subject of its OIDC tokens."""

    def __init__(self, repository, run, job, token):
        self.value = f"runtime-{secrets.token_hex(12)}"
        self.repository = repository.name
        self.run = run.id
        self.ref = run.event.ref
        self.token = token
        context = "pull_request" if "pull_request" in run.event.payload else f"ref:{run.event.ref}"
        context = f"environment:{job.environment}" if job.environment else context
        self.subject = f"{repository.subject}:{context}"
