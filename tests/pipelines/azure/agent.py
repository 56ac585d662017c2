"""Runs the stages, jobs and steps of an azure-pipelines.yml in order, as the documentation of Azure Pipelines says."""
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from expressions import Expression

SUCCESSFUL = ("Succeeded", "SucceededWithIssues")


class Secret(str):
    """A secret variable: steps see it only where `env` names it."""


def environment_name(variable):
    return re.sub(r"[.\s]", "_", variable).upper()


class Agent:
    """One run of a pipeline: what it was started with, and how its stages, jobs and steps ended."""

    def __init__(self, world, pipeline, folder, variables):
        self.world, self.pipeline, self.folder = world, pipeline, folder
        self.variables = {**pipeline.get("variables", {}), **variables}
        self.artifacts = folder / "artifacts"
        self.artifacts.mkdir(parents=True)
        self.say = world.say

    def run(self):
        """The result of the run: the worst of its stages."""
        results = {}
        before = []
        for stage in self.pipeline["stages"]:
            name = stage["stage"]
            needed = stage.get("dependsOn", before)
            needed = [needed] if isinstance(needed, str) else needed
            dependencies = {one: {"result": results[one]} for one in needed}
            variables = self.with_groups(stage.get("variables", []), self.variables)
            condition = stage.get("condition", "succeeded()")
            evaluated = Expression(variables, dependencies, [results[one] for one in needed])
            results[name] = self.stage(stage, variables) if evaluated.value(condition) else "Skipped"
            self.say(f"stage {name}: {results[name]}")
            before = [name]
        return "failed" if "Failed" in results.values() else "succeeded"

    def with_groups(self, listed, variables):
        """A list of variables may name groups; a pipeline that has no access to a group does not start."""
        result = dict(variables)
        for entry in listed:
            result |= self.world.group(entry["group"]) if "group" in entry else {entry["name"]: entry["value"]}
        return result

    def stage(self, stage, variables):
        results = {}
        for job in stage["jobs"]:
            name = job.get("job", job.get("deployment"))
            needed = job.get("dependsOn", [])
            needed = [needed] if isinstance(needed, str) else needed
            dependencies = {one: {"result": results[one]} for one in needed}
            evaluated = Expression(variables, dependencies, [results[one] for one in needed])
            if not evaluated.value(job.get("condition", "succeeded()")):
                results[name] = "Skipped"
                continue
            if "environment" in job:
                self.say(f"environment {job['environment']}: approved")
            steps = job["strategy"]["runOnce"]["deploy"]["steps"] if "deployment" in job else job["steps"]
            results[name] = self.job(name, steps, dict(variables))
            self.say(f"job {name}: {results[name]}")
        return "Failed" if "Failed" in results.values() else "Succeeded" if "Succeeded" in results.values() else "Skipped"

    def job(self, name, steps, variables):
        work = self.folder / name
        sources, temporary = work / "s", work / "temp"
        temporary.mkdir(parents=True)
        variables = variables | {"Pipeline.Workspace": str(work), "System.DefaultWorkingDirectory": str(sources),
                                 "Agent.TempDirectory": str(temporary), "Agent.JobName": name}
        job = Job(self, work, sources, variables)
        if not any("checkout" in step for step in steps):
            steps = [{"checkout": "self"}, *steps]
        for step in steps:
            job.step(step)
        for path, stored in job.caches:
            if job.result == "Succeeded":
                shutil.copytree(path, stored, dirs_exist_ok=True)
        return job.result


class Job:
    def __init__(self, agent, work, sources, variables):
        self.agent, self.work, self.sources, self.variables = agent, work, sources, variables
        self.world, self.say = agent.world, agent.say
        self.result, self.caches, self.path = "Succeeded", [], []

    def step(self, step):
        condition = Expression(self.variables, results=[self.result])
        if not condition.value(step.get("condition", "succeeded()")):
            return
        code = self.do(step)
        title = step.get("displayName") or next(iter(step))
        if code:
            self.result = "Failed"
        if title not in ("checkout", "download", "Install") or code:
            self.say(f"  {title}: {'failed' if code else 'done'}")

    def do(self, step):
        if "checkout" in step:
            return self.world.check_out(self.sources, self.variables, int(step.get("fetchDepth", 0)))
        if "download" in step:
            return 0
        if "publish" in step:
            return self.publish(step["publish"], self.expand(step["artifact"]))
        if "script" in step:
            return self.execute(step, self.expand(step["script"]), {})
        inputs = {name: self.expand(str(value)) for name, value in step["inputs"].items()}
        if step["task"] == "AzureCLI@2":
            assert inputs["addSpnToEnvironment"] == "True" and inputs["scriptType"] == "bash"
            return self.execute(step, inputs["inlineScript"], self.world.connection(inputs["azureSubscription"]))
        if step["task"] == "Cache@2":
            return self.restore(inputs)
        if step["task"] == "PublishTestResults@2":
            return self.test_results(inputs)
        raise ValueError(f"{step['task']} is not known here")

    def expand(self, text):
        """Replaces $(name). What is not defined stays as it is, as the agent leaves it."""
        names = {name.lower(): value for name, value in self.variables.items()}
        return re.sub(r"\$\(([\w.]+)\)", lambda found: str(names.get(found[1].lower(), found[0])), text)

    def execute(self, step, script, more):
        environment = {environment_name(name): str(value) for name, value in self.variables.items()
                       if not isinstance(value, Secret)}
        environment |= {name: self.expand(value) for name, value in step.get("env", {}).items()}
        file = self.work / "temp" / "script.sh"
        file.write_text(script)
        environment = self.world.machine_environment() | environment | more
        environment["PATH"] = ":".join([*self.path, environment["PATH"]])
        done = subprocess.run(["bash", "--noprofile", "--norc", file], cwd=self.sources, text=True, check=False,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.path += re.findall(r"^##vso\[task\.prependpath\](.*)", done.stdout, re.M)
        self.world.check_output(done.stdout)
        if step.get("displayName") != "Install" or done.returncode:
            self.world.golden.output(done.stdout)
        return done.returncode

    def publish(self, folder, artifact):
        source = self.sources / folder
        if not source.is_dir():
            self.say(f"    Path does not exist: {folder}")
            return 1
        shutil.copytree(source, self.agent.artifacts / artifact)
        return 0

    def test_results(self, inputs):
        assert inputs["testResultsFormat"] == "JUnit"
        if not (self.sources / inputs["testResultsFiles"]).exists():
            self.say(f"    No test result files matching {inputs['testResultsFiles']} were found.")
            return 0
        suites = ElementTree.parse(self.sources / inputs["testResultsFiles"]).getroot()
        cases = suites.findall("testsuite/testcase")
        counts = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error")}
        assert int(suites.get("tests")) == len(cases) and int(suites.get("failures")) == counts["failure"]
        self.say(f"    {inputs['testRunTitle']}: {len(cases)} cases, {counts['failure']} failures, {counts['error']} errors")
        return 0

    def restore(self, inputs):
        stored = self.world.folder / "caches" / inputs["restoreKeys"]
        if stored.is_dir():
            shutil.copytree(stored, inputs["path"])
        self.caches.append((inputs["path"], stored))
        return 0
