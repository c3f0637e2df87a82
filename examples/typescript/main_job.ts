/* The main job with types that `openapi-typescript` generated and `openapi-fetch`: invite somebody, who accepts; read the roster; change
   one field.

     node main_job.js http://127.0.0.1:8000 owner@demo.test demo-Passw0rd! ana@example.org
*/

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Problem = components["schemas"]["Problem"];

declare const process: { argv: string[] };
const [, , address = "", email = "", password = "", guest = ""] = process.argv;
const org = "demo";
const anybody = createClient<paths>({ baseUrl: address });

function told<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (data === undefined) throw new Error(error?.detail ?? "No answer");
  return data;
}

const signedIn = told(await anybody.POST("/v1/auth/sign-in", { body: { email, password } }));
if (!("access_token" in signedIn)) throw new Error("This account has a second factor.");
const staff = createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${signedIn.access_token}` } });

const starts = new Date(Date.now() + 14 * 24 * 3600 * 1000);
const made = told(
  await staff.POST("/v1/orgs/{org}/sessions", {
    params: { path: { org }, header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      title: "Clay in the evening",
      meetings: [{ starts_at: starts.toISOString(), ends_at: new Date(starts.getTime() + 7_200_000).toISOString() }],
      time_zone: "Europe/Paris",
      spots_total: 8,
      tiers: [{ name: "Adult", price: { amount: 2400, currency: "EUR" } }],
      description: "Bring an apron.",
    },
  }),
);
if (!("id" in made)) throw new Error("A session without dates to repeat is one session.");
const session = made.id;

const invitation = told(
  await staff.POST("/v1/orgs/{org}/sessions/{session}/invitations", { params: { path: { org, session } }, body: { email: guest } }),
);
const token = invitation.link?.split("/").pop() ?? ""; // A link that has ended is null.
told(
  await anybody.POST("/v1/invitations/{token}/accept", {
    params: { path: { token } },
    body: { email: guest, name: "Ana Ortiz", participants: [{ name: "Zoé" }] },
  }),
);

const place = { params: { path: { org, session } } };
// Only what is named here is sent, and changed.
const changed = told(await staff.PATCH("/v1/orgs/{org}/sessions/{session}", { ...place, body: { location: "Studio 2" } }));
if (!("location" in changed)) throw new Error("Only one session was changed.");
const roster = told(await staff.GET("/v1/orgs/{org}/sessions/{session}/roster", place));
const [registration] = roster.registrations;
const { taken, free } = roster.spots;
console.log(registration?.email, registration?.participants[0]?.name, taken, free, changed.description, changed.location);

const { error } = await staff.POST("/v1/orgs/{org}/sessions/{session}/invitations", { ...place, body: { email: `b${guest}`, party_size: 50 } });
console.log(error?.code ?? "not refused");
