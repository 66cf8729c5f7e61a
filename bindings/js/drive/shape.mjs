// The JSON shape of every answer, the same in every language.

import { Raw } from "./json.mjs";

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

export const answerShape = ({ status, headers, body }) => ({ status, headers, body_base64: base64(body) });

const reasonShape = (reason) =>
  reason === null ? null : { ...reason, field: reason.field === null ? undefined : reason.field };

const writeShape = ({ key, expect, change, bytes, expires_at }) => ({
  key,
  expect,
  delete: change === "delete" ? true : undefined,
  put_base64: change === "put" ? base64(bytes) : undefined,
  expires_at: change === "put" && expires_at !== null ? expires_at : undefined,
});

const alarmShape = ({ code, instance, tenant }) => ({ code, instance, tenant: tenant === "" ? undefined : tenant });

const assignmentShape = (handle, { work, effect, commit, answer_by, give_up_at, alarms }) => ({
  [handle]: base64(work),
  effect: new Raw(effect.body),
  commit: commit.map(writeShape),
  answer_by,
  give_up_at,
  alarms: alarms.map(alarmShape),
});

export function verdictShape(verdict) {
  if (verdict.verdict === "refused") {
    const { reason, dialect, product, answer } = verdict;
    const known = { dialect: dialect ?? undefined, product: product ?? undefined };
    const shape = { verdict: "refused", reason: reasonShape(reason), ...known };
    return { ...shape, answer: answerShape(answer) };
  }
  const { dialect, product, test, keys, admission, answer_by } = verdict;
  const event = new Raw(verdict.eventJson);
  return { verdict: "admitted", dialect, product, test, event, keys, admission: base64(admission), answer_by };
}

export function decisionShape(decision) {
  switch (decision.decision) {
    case "ask":
      return { decision: "ask", ...assignmentShape("question", decision) };
    case "perform":
      return { decision: "perform", ...assignmentShape("work", decision) };
    case "answer": {
      const { answer, commit, reason, alarms } = decision;
      const shape = { decision: "answer", answer: answerShape(answer), commit: commit.map(writeShape) };
      return { ...shape, reason: reasonShape(reason), alarms: alarms.map(alarmShape) };
    }
    default:
      return decision;
  }
}

export function settlementShape(settlement) {
  if (settlement.settlement === "need") return { decision: "need", keys: settlement.keys };
  const { answer, commit, settling, promoted, reason, alarms } = settlement;
  return {
    answer: answer === null ? null : answerShape(answer),
    commit: commit.map(writeShape),
    settling,
    promoted,
    reason: reasonShape(reason),
    alarms: alarms.map(alarmShape),
  };
}

export const dueShape = (claims, next_at) => ({
  claims: claims.map((claim) => assignmentShape("work", claim)),
  next_at,
});

export const importShape = ({ import: decision, keys, commit, problems }) => ({
  decision,
  keys,
  commit: commit?.map(writeShape),
  problems,
});

export const exportShape = ({ instance, owed }) => ({ instance: instance === null ? null : new Raw(instance), owed });
