// What jsforce can change in the demo org, as one JSON object on stdout. Called by run.py, which looks it up there.
import jsforce from "jsforce";

const { url, accessToken } = JSON.parse(process.env.DEMO_ORG);
const conn = new jsforce.Connection({ instanceUrl: url, accessToken, version: "65.0" });
const quiet = { headers: { "Sforce-Auto-Assign": "FALSE" } };
const out = {};

// Several at once; one of them is wrong.
const many = await conn.sobject("Lead").create(
  [
    { LastName: "One", Company: "js", Lead_Key__c: "js-1" },
    { LastName: "Two" },
    { LastName: "Three", Company: "js", Lead_Key__c: "js-3" },
  ],
  quiet,
);
out.many = many.map((each) => (each.success ? each.id.slice(0, 3) : each.errors[0].statusCode));
const [one, , three] = many.map((each) => each.id);
out.upserted = (
  await conn.sobject("Lead").upsert(
    [
      { Lead_Key__c: "js-1", City: "Rome" },
      { Lead_Key__c: "js-4", LastName: "Four", Company: "js" },
    ],
    "Lead_Key__c",
    quiet,
  )
).map((each) => each.created);
out.single = (await conn.sobject("Lead").upsert({ Lead_Key__c: "js-1", Title: "Boss" }, "Lead_Key__c", quiet)).created;
out.rule = await conn
  .sobject("Lead")
  .update({ Id: one, NumberOfEmployees: -1 }, quiet)
  .then((each) => each.errors?.[0]?.statusCode ?? "no error", (error) => error.errorCode);
out.duplicate = await conn
  .sobject("Contact")
  .create([{ LastName: "Twin", Email: "twin@js.example" }, { LastName: "Twin", Email: "twin@js.example" }])
  .then((both) => both.map((each) => each.success || each.errors[0].statusCode));
out.allowed = await conn
  .sobject("Contact")
  .create({ LastName: "Twin", Email: "twin@js.example" }, { headers: { "Sforce-Duplicate-Rule-Header": "allowSave=true" } })
  .then((each) => each.success);
out.locked = await conn
  .request({ method: "PATCH", url: `/sobjects/Lead/${one}`, body: JSON.stringify({ City: "x" }),
             headers: { "content-type": "application/json", "If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT" } })
  .then(() => "no error", (error) => error.errorCode);

// Bulk ingest.
conn.bulk2.pollInterval = 200;
conn.bulk2.pollTimeout = 60000;
const loaded = await conn.bulk2.loadAndWaitForResults({
  object: "Lead",
  operation: "insert",
  input: [
    { LastName: "Bulk 1", Company: "js bulk" },
    { LastName: "Bulk 2", Company: "" },
    { LastName: "Bülk, \"3\"", Company: "js bulk" },
  ],
});
out.bulk = [loaded.successfulResults.length, loaded.failedResults.map((each) => each.sf__Error.split(":")[0]),
            loaded.unprocessedRecords.length];
out.bulkIds = loaded.successfulResults.map((each) => each.sf__Id);
const gone = await conn.bulk2.loadAndWaitForResults({
  object: "Lead", operation: "delete", input: [{ Id: loaded.successfulResults[0].sf__Id }],
});
out.bulkDeleted = gone.successfulResults.length;

// SOAP: what REST has not.
const converted = await conn.soap.convertLead({ leadId: three, convertedStatus: "Closed - Converted" });
out.converted = [converted.success, converted.contactId?.slice(0, 3), converted.opportunityId?.slice(0, 3)];
const [left, right] = (
  await conn.sobject("Lead").create([{ LastName: "M", Company: "js" }, { LastName: "N", Company: "js" }], quiet)
).map((each) => each.id);
const merged = await conn.soap.merge({ masterRecord: { type: "Lead", Id: left, City: "Oslo" }, recordToMergeIds: [right] });
out.merged = [merged.success, merged.id === left, merged.mergedRecordIds];
out.loser = right;
await conn.sobject("Lead").destroy(left);
const [back] = await conn.soap.undelete([left]);
out.undeleted = back.success;
out.master = left;
out.userInfo = (await conn.soap.getUserInfo()).organizationId.length;

// A tree and a graph of requests.
const tree = await conn.request({
  method: "POST", url: "/composite/tree/Account", headers: { "content-type": "application/json" },
  body: JSON.stringify({ records: [{ attributes: { type: "Account", referenceId: "a" }, Name: "js tree",
    Contacts: { records: [{ attributes: { type: "Contact", referenceId: "c" }, LastName: "Branch" }] } }] }),
});
out.tree = tree.results.map((each) => each.referenceId);

console.log(JSON.stringify(out));
