import { type Plumbline, plumblineExpress, RequestLog } from '@plumbline/sdk';
import express, { type Express } from 'express';
import { type LoanApplication, type LoanScore, scoreLoan } from './score-loan.js';

/** Returns the service: `POST /score` answers and logs, `POST /outcomes` says how a loan went. */
export function createApp(plumbline: Plumbline): Express {
  const app = express().use(express.json());

  const log = plumblineExpress(plumbline, {
    features: (request: { readonly body: LoanApplication }) => ({ ...request.body }),
    prediction: ({ approved, probability }: LoanScore) => ({ label: approved, score: probability }),
  });
  app.post('/score', log, (request, response) => {
    const answer = scoreLoan(request.body);
    const { predictionId } = response.locals['plumbline'] as RequestLog;
    response.json({ ...answer, id: predictionId });
  });

  app.post('/outcomes', (request, response) => {
    const { id, repaid } = request.body as { readonly id: string; readonly repaid: boolean };
    plumbline.logLabel({ predictionId: id, label: repaid });
    response.status(204).end();
  });
  return app;
}
