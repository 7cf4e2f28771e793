// Asks cql-execution what benchmarks/criteria.py wrote into a file.
const fs = require("fs");
const [, , engine, question, answer] = process.argv;
const cql = require(engine);
const given = JSON.parse(fs.readFileSync(question, "utf-8"));

async function main() {
  const library = new cql.Library(given.library);
  const executor = new cql.Executor(library, new cql.CodeService({}), {});
  const seconds = [];
  let found;
  for (let round = 0; round <= given.rounds; round++) {
    const source = new cql.PatientSource(given.patients.map((patient) => ({ ...patient })));
    const before = process.cpuUsage();
    found = await executor.exec(source);
    const taken = process.cpuUsage(before);
    if (round > 0) seconds.push((taken.user + taken.system) / 1e6); // the first one warms up
  }
  const truths = given.patients.map(({ id }) => {
    const said = found.patientResults[id];
    return Object.keys(said)
      .filter((name) => name.startsWith("c"))
      .sort((one, other) => Number(one.slice(1)) - Number(other.slice(1)))
      .map((name) => said[name] ?? null);
  });
  fs.writeFileSync(answer, JSON.stringify({ seconds, truths }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
