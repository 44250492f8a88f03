// What jsforce gets from the demo org, as one JSON object on stdout. Called by run.py, which compares it with the truth.
import jsforce from "jsforce";

const { url, accessToken, username, password, clientId, clientSecret } = JSON.parse(process.env.DEMO_ORG);
const out = {};

const conn = new jsforce.Connection({ instanceUrl: url, accessToken, version: "65.0" });
out.identity = (await conn.identity()).username;
out.globals = (await conn.describeGlobal()).sobjects.map((each) => each.name);
out.leadFields = (await conn.sobject("Lead").describe()).fields.map((each) => each.name);

const ids = [];
await new Promise((resolve, reject) => {
  conn
    .query("SELECT Id, Name, Owner.Name FROM Lead ORDER BY Id")
    .on("record", (record) => ids.push([record.Id, record.Name, record.Owner.Name]))
    .on("end", resolve)
    .on("error", reject)
    .run({ autoFetch: true, maxFetch: 100000 });
});
out.leads = ids;
out.count = (await conn.query("SELECT COUNT() FROM Contact")).totalSize;
out.group = (await conn.query("SELECT Status, COUNT(Id) total FROM Lead GROUP BY Status")).records.map((each) => [
  each.Status,
  each.total,
]);
out.child = (await conn.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account ORDER BY Id LIMIT 20")).records.map(
  (each) => (each.Contacts ? each.Contacts.totalSize : 0),
);
out.limits = (await conn.limits()).DailyApiRequests.Max;

// Bulk 2.0, without maxRecords, as jsforce does it.
conn.bulk2.pollInterval = 200;
conn.bulk2.pollTimeout = 60000;
const stream = await conn.bulk2.query("SELECT Id, Name FROM Contact", { scanAll: true });
out.bulk = (await stream.toArray()).map((record) => [record.Id, record.Name]);

// Writing and reading back.
const made = await conn.sobject("Lead").create({ LastName: "Made by jsforce", Company: "Acme" });
await conn.sobject("Lead").update({ Id: made.id, Company: "Acme & Söhne" });
const [back] = await conn.sobject("Lead").retrieve([made.id]);
out.written = [back.LastName, back.Company];
await conn.sobject("Lead").destroy(made.id);
out.gone = (await conn.query(`SELECT Id FROM Lead WHERE Id = '${made.id}'`)).totalSize;
out.deletedThere = (await conn.query(`SELECT Id FROM Lead WHERE Id = '${made.id}'`, { scanAll: true })).totalSize;

const end = new Date();
const start = new Date(end.getTime() - 3600 * 1000);
out.updatedKeys = Object.keys(await conn.sobject("Lead").updated(start, end)).sort();
out.error = await conn.query("SELECT Nope FROM Lead").then(
  () => "no error",
  (error) => error.errorCode,
);

// The three sign-ins.
const soap = new jsforce.Connection({ loginUrl: url, version: "60.0" });
out.soap = (await soap.login(username, password)).id === (await conn.identity()).user_id;
out.soapRefused = await new jsforce.Connection({ loginUrl: url, version: "60.0" })
  .login(username, "wrong")
  .then(() => "no error", (error) => error.message.split(":")[0]);
const oauth2 = { loginUrl: url, clientId, clientSecret };
const byPassword = new jsforce.Connection({ oauth2, version: "65.0" });
await byPassword.login(username, password);
out.password = (await byPassword.identity()).username;
const byClient = new jsforce.Connection({ instanceUrl: url, oauth2, version: "65.0" });
await byClient.authorize({ grant_type: "client_credentials" });
out.client = (await byClient.identity()).username;

console.log(JSON.stringify(out));
