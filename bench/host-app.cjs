/** The app that `host.ts` measures: an orchestration of two activities, and a door that starts it. */
const { app } = require('@azure/functions');
const df = require('durable-functions');

df.app.activity('double', { handler: (number) => number * 2 });

df.app.orchestration('twoActivities', function* twoActivities(context) {
  const first = yield context.df.callActivity('double', context.df.getInput());
  return yield context.df.callActivity('double', first);
});

app.http('start', {
  route: 'start/{number}',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = await client.startNew('twoActivities', { input: Number(request.params.number) });
    return client.createCheckStatusResponse(request, instanceId);
  },
});
